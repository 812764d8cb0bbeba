import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { textWithoutSecrets } from './observability/without-secrets.js';

/** What one process does: everything, only the API, or only the runs. */
export const roles = ['all', 'api', 'worker'] as const;
export type Role = (typeof roles)[number];

/** `auto`: on, unless a connection other than "Sandbox" exists. */
export const sandboxModes = ['auto', 'on', 'off'] as const;
export type SandboxMode = (typeof sandboxModes)[number];

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The settings of one process. `.env.example` explains the variables to those who run it. */
export interface Config {
  readonly role: Role;
  readonly mongodb: MongodbConfig;
  /** Absolute path of the folder for everything that is kept outside MongoDB, and for the embedded MongoDB. */
  readonly dataDir: string;
  readonly http: HttpConfig;
  readonly sandbox: SandboxConfig;
  readonly jobQueue: JobQueueConfig;
  /** Where is told what a person should hear of; undefined: nowhere. */
  readonly notify: { readonly url: string | undefined; readonly secret: string | undefined };
  readonly security: SecurityConfig;
  /** How long what runs leave behind is kept, in days. */
  readonly retention: RetentionConfig;
  readonly logLevel: LogLevel;
}

export interface RetentionConfig {
  readonly historyDays: number;
  readonly synchJobDays: number;
  readonly dryRunDays: number;
  /** Log entries, and entries that are FINISHED. */
  readonly logEntryDays: number;
  readonly transitionDays: number;
}

export interface MongodbConfig {
  /** Address of a replica set, may hold credentials; undefined: the embedded MongoDB. */
  readonly uri: string | undefined;
  /** Path of a `mongod` for the embedded MongoDB; undefined: one is looked for, and fetched if there is none. */
  readonly binary: string | undefined;
  /** Folder of the user's caches, in which a fetched `mongod` is kept. */
  readonly cacheDir: string;
}

export interface HttpConfig {
  /** Interface to listen on. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Addresses of web pages, besides the service's own, that may use the API from a browser. */
  readonly allowedOrigins: readonly string[];
  readonly limits: LimitsConfig;
}

/** What one operation, request and socket of the API may take. */
export interface LimitsConfig {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly tokens: number;
  readonly textCharacters: number;
  readonly cost: number;
  readonly bodyBytes: number;
  readonly socketOperations: number;
  readonly operationMs: number;
}

export interface SandboxConfig {
  readonly mode: SandboxMode;
  readonly port: number;
}

export interface JobQueueConfig {
  /** IANA time zone of the entries that the default setup makes. */
  readonly timeZone: string;
  /** How long a system may still apply a request that it received; a create of unknown outcome waits for it. */
  readonly applySeconds: number;
  /** After so long a parked record is looked at again; after twice as long each further time. */
  readonly parkedRetrySeconds: number;
  /** After this time without a heartbeat a worker counts as dead and its runs go to others. */
  readonly leaseSeconds: number;
  /** Runs that one worker executes at the same time. */
  readonly workerConcurrency: number;
}

export interface SecurityConfig {
  /** The administrator's token; undefined: made and kept in the data folder, see start/secrets. */
  readonly adminToken: string | undefined;
  /** 32 bytes that seal stored credentials; undefined: made and kept in the data folder. */
  readonly secretKey: Buffer | undefined;
  readonly oidc: OidcConfig | undefined;
  /** Hosts a connection may point to besides `*.dynamics.com` and loopback, lower-case; `*.` stands for any subdomain. */
  readonly allowedHosts: readonly string[];
  /** File with certificates of authorities that are trusted besides the public ones when a system is asked. */
  readonly caFile: string | undefined;
}

export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  /** Name of the claim that holds the role, or a list in which it is. */
  readonly roleClaim: string;
  /** How the dashboard signs people in at the provider; undefined: it takes tokens that they bring. */
  readonly signIn: OidcSignInConfig | undefined;
}

export interface OidcSignInConfig {
  /** The dashboard as the provider knows it: a public client, without a secret. */
  readonly clientId: string;
  /** What is asked of the provider, with blanks between. */
  readonly scope: string;
  /** What else the provider wants in its requests, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Thrown when the environment cannot be used. The message has one line for each fault, by the variable's name. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Shorter ones could be guessed; the ones we make have 43 characters. */
const ADMIN_TOKEN_LENGTH = 32;

/** AES-256 needs exactly this many bytes. */
const SECRET_KEY_BYTES = 32;

const variables = {
  ROLE: oneOf(roles).default('all'),
  MONGODB_URI: text('an address that begins with mongodb:// or mongodb+srv://', isMongodbUri).optional(),
  MONGOD_BINARY: z.string().optional(),
  DATA_DIR: z.string().default('.data'),
  HOST: text('a host name or an IP address', isHost).default('127.0.0.1'),
  PORT: port(0).default(4000),
  ALLOWED_ORIGINS: text('addresses of web pages with commas between, such as https://wall.example.org', (value) =>
    originList(value).every(isOrigin),
  )
    .transform(originList)
    .default([]),
  LIMIT_DEPTH: wholeNumber(3, 100).default(15),
  LIMIT_ALIASES: wholeNumber(0, 1_000).default(30),
  LIMIT_DIRECTIVES: wholeNumber(0, 1_000).default(50),
  LIMIT_TOKENS: wholeNumber(100, 100_000).default(2_000),
  LIMIT_TEXT_CHARACTERS: wholeNumber(1, 1_000_000).default(10_000),
  LIMIT_COST: wholeNumber(100, 1_000_000).default(10_000),
  LIMIT_BODY_BYTES: wholeNumber(10_000, 100_000_000).default(1_048_576),
  LIMIT_SOCKET_OPERATIONS: wholeNumber(1, 10_000).default(50),
  LIMIT_OPERATION_SECONDS: wholeNumber(1, 600).default(30),
  SANDBOX: oneOf(sandboxModes).default('auto'),
  SANDBOX_PORT: port(1).default(4010),
  TIME_ZONE: text('an IANA time zone such as Europe/Berlin', isTimeZone).default('UTC'),
  APPLY_SECONDS: wholeNumber(1, 86_400).default(600),
  PARKED_RETRY_SECONDS: wholeNumber(1, 86_400).default(900),
  // Below 3 a pause of the garbage collector or a slow disk would already cost a worker its runs.
  LEASE_SECONDS: wholeNumber(3, 300).default(10),
  WORKER_CONCURRENCY: wholeNumber(1, 64).default(4),
  NOTIFY_URL: text(
    'an https:// address without user name (http:// only on this machine)',
    (value) => isOwnOrSecure(value) && new URL(value).username === '' && new URL(value).password === '',
  ).optional(),
  NOTIFY_SECRET: text(
    'at least 24 characters without blanks, such as openssl rand -base64 32 gives',
    (value) => value.length >= 24 && !/\s/.test(value),
  ).optional(),
  ADMIN_TOKEN: text(
    `at least ${ADMIN_TOKEN_LENGTH} characters without blanks, such as openssl rand -base64 32 gives`,
    (value) => value.length >= ADMIN_TOKEN_LENGTH && !/\s/.test(value),
  ).optional(),
  SECRET_KEY: text(
    `${SECRET_KEY_BYTES} bytes in base64 or as ${SECRET_KEY_BYTES * 2} hexadecimal digits, such as openssl rand -base64 32 gives`,
    (value) => keyBytes(value) !== undefined,
  )
    .transform(keyBytes)
    .optional(),
  OIDC_ISSUER: text('an https:// address (http:// only on this machine)', isOwnOrSecure).optional(),
  OIDC_AUDIENCE: z.string().optional(),
  OIDC_ROLE_CLAIM: z.string().default('roles'),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_SCOPE: text('scopes with blanks between, openid among them', (value) =>
    value.split(' ').includes('openid'),
  ).default('openid profile email'),
  OIDC_PARAMETERS: text('parameters as in an address, such as audience=tandem', (value) =>
    /^[^=&\s]+=[^=&\s]*(&[^=&\s]+=[^=&\s]*)*$/.test(value),
  )
    .transform((value) => Object.fromEntries(new URLSearchParams(value)))
    .default({}),
  ALLOWED_HOSTS: text('host names with commas between, such as nav.example.org,*.example.com', (value) =>
    hostList(value).every(isHostPattern),
  )
    .transform(hostList)
    .default([]),
  CA_FILE: z.string().optional(),
  HISTORY_DAYS: wholeNumber(1, 36_500).default(365),
  SYNCH_JOB_DAYS: wholeNumber(1, 36_500).default(90),
  DRY_RUN_DAYS: wholeNumber(1, 36_500).default(14),
  LOG_ENTRY_DAYS: wholeNumber(1, 36_500).default(90),
  TRANSITION_DAYS: wholeNumber(1, 36_500).default(30),
  LOG_LEVEL: oneOf(logLevels).default('info'),
} as const;

/** The names of all variables that the product reads. */
export const configVariables: readonly string[] = Object.keys(variables);

const secretVariables: ReadonlySet<string> = new Set([
  'MONGODB_URI',
  'ADMIN_TOKEN',
  'SECRET_KEY',
  // The address of a channel often is all that one needs to write into it.
  'NOTIFY_URL',
  'NOTIFY_SECRET',
]);

const schema = z.object(variables).superRefine((values, context) => {
  if ((values.OIDC_ISSUER === undefined) !== (values.OIDC_AUDIENCE === undefined)) {
    const missing = values.OIDC_ISSUER === undefined ? 'OIDC_ISSUER' : 'OIDC_AUDIENCE';
    context.addIssue({ code: 'custom', path: [missing], message: 'OIDC_ISSUER and OIDC_AUDIENCE together or neither' });
  }
  if (values.OIDC_CLIENT_ID !== undefined && values.OIDC_ISSUER === undefined && values.OIDC_AUDIENCE === undefined) {
    context.addIssue({ code: 'custom', path: ['OIDC_ISSUER'], message: 'the issuer that knows OIDC_CLIENT_ID' });
  }
  if (values.PORT !== 0 && values.PORT === values.SANDBOX_PORT && values.SANDBOX !== 'off') {
    context.addIssue({ code: 'custom', path: ['SANDBOX_PORT'], message: 'another port than PORT' });
  }
});

/**
 * The process's environment, completed by a `.env` file in `directory` where there is one; the environment wins.
 *
 * @throws Error of the file system when the file exists and cannot be read
 */
export function readEnvironment(directory: string = process.cwd()): Environment {
  return { ...readEnvFile(join(directory, '.env')), ...process.env };
}

/**
 * Reads the settings. An empty variable counts as absent.
 *
 * @throws ConfigurationError naming every variable that is wrong, what was expected and, unless it is secret, what came
 */
export function readConfig(env: Environment): Config {
  const given = Object.fromEntries(configVariables.map((name) => [name, env[name]?.trim() || undefined]));
  const result = schema.safeParse(given);
  if (!result.success) throw new ConfigurationError(result.error.issues.map((issue) => faultLine(issue, given)));
  const values = result.data;
  return {
    role: values.ROLE,
    mongodb: { uri: values.MONGODB_URI, binary: values.MONGOD_BINARY, cacheDir: userCacheDir(env) },
    dataDir: resolve(values.DATA_DIR),
    http: {
      host: values.HOST,
      port: values.PORT,
      allowedOrigins: values.ALLOWED_ORIGINS,
      limits: {
        depth: values.LIMIT_DEPTH,
        aliases: values.LIMIT_ALIASES,
        directives: values.LIMIT_DIRECTIVES,
        tokens: values.LIMIT_TOKENS,
        textCharacters: values.LIMIT_TEXT_CHARACTERS,
        cost: values.LIMIT_COST,
        bodyBytes: values.LIMIT_BODY_BYTES,
        socketOperations: values.LIMIT_SOCKET_OPERATIONS,
        operationMs: values.LIMIT_OPERATION_SECONDS * 1_000,
      },
    },
    sandbox: { mode: values.SANDBOX, port: values.SANDBOX_PORT },
    jobQueue: {
      timeZone: values.TIME_ZONE,
      applySeconds: values.APPLY_SECONDS,
      parkedRetrySeconds: values.PARKED_RETRY_SECONDS,
      leaseSeconds: values.LEASE_SECONDS,
      workerConcurrency: values.WORKER_CONCURRENCY,
    },
    notify: { url: values.NOTIFY_URL, secret: values.NOTIFY_SECRET },
    security: {
      adminToken: values.ADMIN_TOKEN,
      secretKey: values.SECRET_KEY,
      oidc:
        values.OIDC_ISSUER !== undefined && values.OIDC_AUDIENCE !== undefined
          ? {
              issuer: values.OIDC_ISSUER,
              audience: values.OIDC_AUDIENCE,
              roleClaim: values.OIDC_ROLE_CLAIM,
              signIn:
                values.OIDC_CLIENT_ID === undefined
                  ? undefined
                  : {
                      clientId: values.OIDC_CLIENT_ID,
                      scope: values.OIDC_SCOPE,
                      parameters: values.OIDC_PARAMETERS,
                    },
            }
          : undefined,
      allowedHosts: values.ALLOWED_HOSTS,
      caFile: values.CA_FILE === undefined ? undefined : resolve(values.CA_FILE),
    },
    retention: {
      historyDays: values.HISTORY_DAYS,
      synchJobDays: values.SYNCH_JOB_DAYS,
      dryRunDays: values.DRY_RUN_DAYS,
      logEntryDays: values.LOG_ENTRY_DAYS,
      transitionDays: values.TRANSITION_DAYS,
    },
    logLevel: values.LOG_LEVEL,
  };
}

/** The folder for caches of the present user. `XDG_CACHE_HOME` is the desktop's convention, not a setting of ours. */
export function userCacheDir(env: Environment): string {
  return env.XDG_CACHE_HOME || join(homedir(), '.cache');
}

/** `env` without what no child process needs to know: our tokens, keys and the address of the database. */
export function environmentWithoutSecrets(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !secretVariables.has(entry[0]),
  );
  return Object.fromEntries(kept);
}

function faultLine(issue: z.core.$ZodIssue, given: Environment): string {
  const name = String(issue.path[0]);
  const came = given[name] === undefined ? 'nothing' : `"${textWithoutSecrets(given[name])}"`;
  const shown = secretVariables.has(name) ? 'something else (not shown: it may hold a secret)' : came;
  return `${name}: expected ${issue.message}, got ${shown}`;
}

function readEnvFile(path: string): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

function text(expected: string, isGood: (value: string) => boolean) {
  return z.string().refine(isGood, { error: expected });
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `one of ${values.join(', ')}` });
}

function wholeNumber(least: number, most: number) {
  return number(least, most, `a whole number from ${least} to ${most}`);
}

function port(least: number) {
  return number(least, 65_535, `a port from ${least} to 65535`);
}

function number(least: number, most: number, expected: string) {
  return text(
    expected,
    (value) => /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most,
  ).transform(Number);
}

function isMongodbUri(value: string): boolean {
  return /^mongodb(\+srv)?:\/\/[^/?\s]+/.test(value);
}

function isHost(value: string): boolean {
  return isIP(value) !== 0 || isHostName(value);
}

function isHostName(value: string): boolean {
  return value.length <= 253 && /^[a-z\d_]([a-z\d_-]*[a-z\d_])?(\.[a-z\d_]([a-z\d_-]*[a-z\d_])?)*$/i.test(value);
}

function isHostPattern(value: string): boolean {
  return isIP(value) !== 0 || isHostName(value.replace(/^\*\./, ''));
}

function hostList(value: string): string[] {
  return value
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
}

function originList(value: string): string[] {
  return value
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
}

function isOrigin(value: string): boolean {
  return hasProtocol(value, ['http:', 'https:']) && new URL(value).origin === value;
}

function isOwnOrSecure(value: string): boolean {
  if (hasProtocol(value, ['https:'])) return true;
  return hasProtocol(value, ['http:']) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(value).hostname);
}

function isTimeZone(value: string): boolean {
  // Offsets such as +02:00 are accepted by Intl, but they know no daylight saving time.
  if (/^[+-]/.test(value)) return false;
  try {
    Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

function hasProtocol(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol);
}

function keyBytes(value: string): Buffer | undefined {
  const isHex = new RegExp(`^[\\da-f]{${SECRET_KEY_BYTES * 2}}$`, 'i').test(value);
  const bytes = Buffer.from(value, isHex ? 'hex' : 'base64');
  const isExact = isHex || /^[\w+/-]+={0,2}$/.test(value);
  return isExact && bytes.length === SECRET_KEY_BYTES ? bytes : undefined;
}
