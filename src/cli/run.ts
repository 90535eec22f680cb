/** The command line as a function: arguments in, exit code out. */
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { RefractError } from '../errors.ts';
import { answerCommand } from './answer.ts';
import { chooseCommand } from './choose.ts';
import { dataCommand } from './data.ts';
import { demoCommand } from './demo.ts';
import { distillCommand } from './distill.ts';
import { doctorCommand } from './doctor.ts';
import { evalCommand } from './eval.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { fuseCommand } from './fuse.ts';
import { indexCommand } from './index.ts';
import { type CommandIo, type CommandRegistration, withoutControls } from './io.ts';
import { lexicalSearchCommand } from './lexical-search.ts';
import { lexiconCommand } from './lexicon.ts';
import { modelsCommand } from './models.ts';
import { packCommand } from './pack.ts';
import { planCommand } from './plan.ts';
import { pretrainCommand } from './pretrain.ts';
import { qaEvalCommand } from './qa-eval.ts';
import { searchCommand } from './search.ts';
import { studyCommand } from './study.ts';
import { switchCommand } from './switch.ts';
import { teachCommand } from './teach.ts';
import { trainReaderCommand } from './train-reader.ts';
import { translateCommand } from './translate.ts';
import { trecEvalCommand } from './trec-eval.ts';

/** Every command, in the order of the help. */
const COMMANDS: readonly CommandRegistration[] = [
  demoCommand,
  doctorCommand,
  pretrainCommand,
  teachCommand,
  distillCommand,
  packCommand,
  planCommand,
  indexCommand,
  searchCommand,
  lexicalSearchCommand,
  translateCommand,
  fuseCommand,
  explainCommand,
  trainReaderCommand,
  answerCommand,
  chooseCommand,
  evalCommand,
  trecEvalCommand,
  qaEvalCommand,
  dataCommand,
  modelsCommand,
  lexiconCommand,
  switchCommand,
  studyCommand,
  exportCommand,
];

/** What the exit codes mean. */
export const EXIT = {
  done: 0,
  /** The user can mend it; a message said how. */
  refused: 1,
  /** A fault of Refract; the stack was printed. */
  fault: 2,
  /** Stopped by SIGINT. */
  interrupted: 130,
} as const;

/**
 * Runs one command. Never throws: errors are printed to `err`, those of users without a stack.
 *
 * @param args the arguments after `refract`
 * @param given the world around it; what goes to `err` loses its control characters
 * @returns the exit code, one of `EXIT`
 * @example process.exitCode = await run(['search', '--index', 'index', 'maji safi'], io)
 */
export async function run(args: readonly string[], given: CommandIo): Promise<number> {
  const io = { ...given, err: (text: string) => given.err(withoutControls(text)) };
  try {
    await makeProgram(io).parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    // Commander has printed its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.refused;
    if (error instanceof RefractError) {
      io.err(`${error.message}\n`);
      return error.code === 'INTERRUPTED' ? EXIT.interrupted : EXIT.refused;
    }
    io.err(`A fault in Refract, not in your data; please report it with these lines.\n${stackOf(error)}\n`);
    return EXIT.fault;
  }
}

function makeProgram(io: CommandIo): Command {
  const program = new Command('refract')
    .description(packageJson.description)
    .version(packageJson.version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      getOutHelpWidth: () => io.columns ?? 100,
      getErrHelpWidth: () => io.columns ?? 100,
    })
    .showHelpAfterError('Add --help for the options and an example.')
    .addHelpText('after', '\nrefract <command> --help shows the options of a command, with an example.');
  for (const register of COMMANDS) register(program, io);
  return program;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
