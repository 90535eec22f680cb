/** The version of this package, written into everything it makes. */
import packageJson from '../package.json' with { type: 'json' };

export const VERSION: string = packageJson.version;
