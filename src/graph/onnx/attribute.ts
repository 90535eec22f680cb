/** Attributes of operators as ONNX writes them. */
import { create } from '@bufbuild/protobuf';
import type { Attribute } from '../tensor.ts';
import { type AttributeProto, AttributeProto_AttributeType, AttributeProtoSchema } from './schema/onnx_pb.ts';

/** An attribute of a node. */
export function attribute(name: string, value: Attribute): AttributeProto {
  if ('int' in value) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INT,
      i: BigInt(value.int),
    });
  }
  if ('ints' in value) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.INTS,
      ints: value.ints.map(BigInt),
    });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  }
  return create(AttributeProtoSchema, {
    name,
    type: AttributeProto_AttributeType.STRING,
    s: new TextEncoder().encode(value.text),
  });
}
