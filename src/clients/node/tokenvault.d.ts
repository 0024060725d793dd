/// <reference types="node" />

/** What a token's value is given as: bytes, or a Secret. Strings are refused: nobody can wipe them. */
export type Value = NodeJS.ArrayBufferView | Secret;
export type VerdictNumber = 0 | 1 | 2;
/** true is OK, false is REJECTED. */
export type Said = VerdictNumber | boolean;
/** Gets the value, which is filled with zeros when it returns, and its version. */
export type Use = (value: Buffer, version: number) => Said;
/** The same, filled with zeros when the promise is settled. */
export type UseAsync = (value: Buffer, version: number) => Said | Promise<Said>;

/** What became of a token that was used. FAILED: no answer that says anything about it, as a 500. */
export declare const Verdict: Readonly<{ OK: 0; REJECTED: 1; FAILED: 2 }>;
export declare const Step: Readonly<{
  ROTATE: 0; RESUME: 1; STATUS: 2; START: 3; ISSUE: 4; VERIFY: 5; PROMOTE: 6; RETIRE: 7; ABORT: 8;
}>;
export type StepNumber = (typeof Step)[keyof typeof Step];

export type PhaseName = 'idle' | 'intent' | 'issuing' | 'staged' | 'verified' | 'promoted' | 'retiring' | 'uncertain'
  | 'done' | 'aborted';
export type StageName = 'none' | 'pending' | 'current' | 'previous' | 'retired';
export type BackingName = 'none' | 'memfd_secret' | 'locked' | 'plain';
export declare const Phase: Readonly<Record<number, PhaseName>>;
export declare const Stage: Readonly<Record<number, StageName>>;
export declare const Backing: Readonly<Record<number, BackingName>>;

export interface GetOptions {
  previous?: boolean;
  version?: number;
  expiredOk?: boolean;
}

export interface PutOptions {
  expires?: Date | null;
  /** Left as it is where it is not given. */
  label?: string | null;
  /** The version that has to be current; 0 for none. */
  ifVersion?: number;
}

export interface OpenOptions {
  keyFile?: string;
  key?: NodeJS.ArrayBufferView;
  passphrase?: NodeJS.ArrayBufferView;
  /** A file that remembers how new the vault was; '' keeps none. */
  anchors?: string;
  /** Milliseconds that a change yields to other writers. */
  timeout?: number;
}

export interface RotateOptions {
  /** promote: on the word of a person. */
  unverified?: boolean;
  /** abort: although only the new token may be good. */
  force?: boolean;
  /** retire: also tokens that no rotation made. */
  theirs?: boolean;
}

export interface VersionInfo {
  readonly number: number;
  readonly stage: StageName;
  readonly created: Date;
  readonly expires: Date | null;
}

export interface TokenInfo {
  readonly name: string;
  readonly label: string;
  readonly version: number;
  readonly created: Date | null;
  readonly expires: Date | null;
  readonly suspectVersion: number;
  readonly phase: PhaseName;
  /** Empty where many are listed. */
  readonly versions: readonly VersionInfo[];
}

export interface VaultInfo {
  readonly vaultId: string;
  readonly epoch: number;
  readonly generation: number;
  readonly tokens: number;
  readonly writable: boolean;
  readonly durable: boolean;
  readonly encryptedAtRest: boolean;
}

export interface Rotation {
  readonly id: string;
  readonly phase: PhaseName;
  readonly oldVersion: number;
  readonly newVersion: number;
  readonly attempts: number;
  readonly asks: boolean;
  readonly obligations: number;
  readonly started: Date | null;
  readonly changed: Date | null;
  readonly nextTry: Date | null;
  readonly note: string;
}

export interface Protection {
  readonly backing: BackingName;
  readonly lockedBytes: number;
  readonly plainBytes: number;
  readonly lockLimit: number;
  readonly dontdump: boolean;
  readonly dontfork: boolean;
  readonly hardened: boolean;
  readonly osError: number;
}

declare abstract class Closable {
  /** May be called twice. */
  close(): void;
  [Symbol.dispose](): void;
  toString(): string;
  toJSON(): string;
}

/** The value of a token, in secret memory until wipe(), close(), `using`, or the collector. Prints as <secret>. */
export declare class Secret extends Closable {
  private constructor();
  readonly version: number;
  readonly length: number;
  /** A copy, wiped with the secret, but not by the collector. A string made of it cannot be wiped. */
  reveal(): Buffer;
  sameAs(other: Secret): boolean;
  wipe(): void;
}

export declare class Lease extends Closable {
  private constructor();
  get(): Secret;
  use(use: Use): VerdictNumber;
  useAsync(use: UseAsync): Promise<VerdictNumber>;
  /** Until the current version is another than `version`, or `timeout` milliseconds have passed: the current one. */
  waitAsync(version: number, timeout: number): Promise<number>;
}

export declare class Vault extends Closable {
  private constructor();
  get(name: string, options?: GetOptions): Secret;
  getAsync(name: string, options?: GetOptions): Promise<Secret>;
  /** A Buffer that is yours to wipe, with fill(0). The fastest. */
  read(name: string, options?: GetOptions): Buffer;
  put(name: string, value: Value, options?: PutOptions): number;
  putAsync(name: string, value: Value, options?: PutOptions): Promise<number>;
  erase(name: string): void;
  undelete(name: string): void;
  list(prefix?: string): TokenInfo[];
  info(name: string): TokenInfo;
  inspect(): VaultInfo;
  withToken(name: string, use: Use): VerdictNumber;
  withTokenAsync(name: string, use: UseAsync): Promise<VerdictNumber>;
  /** Notes that a version was rejected by whoever it is for, unless there is a newer one by now. */
  markSuspect(name: string, version: number): void;
  lease(name: string): Lease;
  rotateAsync(name: string, step?: StepNumber, options?: RotateOptions): Promise<Rotation>;
  stage(name: string, value: Value): Rotation;
}

export declare function open(uri?: string | null, options?: OpenOptions): Vault;
export declare function openAsync(uri?: string | null, options?: OpenOptions): Promise<Vault>;
export declare function create(uri: string, options: OpenOptions): Vault;
export declare function makeKeyFile(path: string): void;
export declare function protection(): Protection;
export declare function hardenProcess(): void;
export declare function version(): string;

/** A call that failed: one line without secret bytes. */
export declare class TokenVaultError extends Error {
  readonly code: number;
  readonly kind: string;
  readonly osError: number;
  readonly retryable: boolean;
}
export declare class InvalidArgument extends TokenVaultError {}
export declare class NoVault extends TokenVaultError {}
export declare class AlreadyExists extends TokenVaultError {}
export declare class NotFound extends TokenVaultError {}
export declare class Conflict extends TokenVaultError {}
export declare class WrongKey extends TokenVaultError {}
export declare class Tampered extends TokenVaultError {}
export declare class Stale extends TokenVaultError {}
export declare class Unsupported extends TokenVaultError {}
export declare class ReadOnly extends TokenVaultError {}
export declare class PermissionDenied extends TokenVaultError {}
export declare class Refused extends TokenVaultError {}
export declare class Unavailable extends TokenVaultError {}
export declare class Unreachable extends TokenVaultError {}
export declare class InDoubt extends TokenVaultError {}
export declare class Expired extends TokenVaultError {}
export declare class NoKey extends TokenVaultError {}
export declare class OutOfMemory extends TokenVaultError {}
export declare class Io extends TokenVaultError {}
export declare class Forked extends TokenVaultError {}
export declare class Internal extends TokenVaultError {}
export declare class NeedsHuman extends TokenVaultError {}
export declare class Rejected extends TokenVaultError {}
