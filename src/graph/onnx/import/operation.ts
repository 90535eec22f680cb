/** One node of an ONNX graph as the rules for operators see it, and the type of such a rule. */
import type { RefractError } from '../../../errors.ts';
import type { GraphProto } from '../schema/onnx_pb.ts';
import type { Attributes } from './attributes.ts';
import { unreadable } from './model-error.ts';
import { numbersOf, type Value } from './value.ts';

/** Where a table of vectors is looked up by the ids that the encoder is fed. */
export interface TableLookup {
  /** The table's name in the file. */
  readonly table: string;
  /** Ids [N], flat. */
  readonly ids: Value['tensor'];
  /** Rows [N, H]. */
  readonly rows: Value['tensor'];
}

/** What an import shares between its nodes. */
export interface ImportScope {
  readonly opset: number;
  /** The file, for messages and external data. */
  readonly path: string;
  /** The tensor that the encoder's ids are fed to; look-ups by it are noted. */
  readonly ids: Value['tensor'] | undefined;
  readonly lookups: TableLookup[];
  /** A name for a size that only the running graph knows. */
  freshSize(): string;
}

/** A node with its inputs imported. */
export class Operation {
  readonly op: string;
  /** The node by name and operator, for messages. */
  readonly at: string;
  /** Undefined for optional inputs that are left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** How many outputs the node has. */
  readonly outputs: number;
  readonly scope: ImportScope;
  /** Imports a graph within this node, which sees the names around it. */
  readonly subgraph: (graph: GraphProto) => Value[];

  constructor(
    options: Pick<Operation, 'op' | 'at' | 'inputs' | 'attributes' | 'outputs' | 'scope' | 'subgraph'>,
  ) {
    this.op = options.op;
    this.at = options.at;
    this.inputs = options.inputs;
    this.attributes = options.attributes;
    this.outputs = options.outputs;
    this.scope = options.scope;
    this.subgraph = options.subgraph;
  }

  get opset(): number {
    return this.scope.opset;
  }

  /** Input `i`, which the operator cannot do without. */
  input(i: number): Value {
    const value = this.inputs[i];
    if (!value) throw this.fail(`input ${i} is missing`);
    return value;
  }

  /** Numbers given as an attribute in older operator sets and as input `i` in newer ones. */
  numbers(i: number, attribute: string): number[] | undefined {
    const listed = this.attributes.ints(attribute);
    if (listed) return listed;
    const value = this.inputs[i];
    if (!value) return undefined;
    const numbers = numbersOf(value);
    if (!numbers) throw this.fail(`${attribute} that depend on the input are not supported`);
    return numbers;
  }

  /** An error about this node. */
  fail(what: string, hint = 'Export the model in another way, or report the operator.'): RefractError {
    return unreadable(this.at, what, hint);
  }
}

/** How an ONNX operator becomes tensors of `src/graph`. */
export type OperatorRule = (operation: Operation) => Value | readonly Value[];

/** Rules by the operator's name in ONNX. */
export type OperatorRules = Readonly<Record<string, OperatorRule>>;
