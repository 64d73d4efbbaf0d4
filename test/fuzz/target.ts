/** Something that takes bytes from outside. */
export interface Target {
  /** Of its folder in `corpus`. */
  readonly name: string;
  /** Throws, or rejects, when what it does with the input is not what it promises. */
  run(input: Buffer): void | Promise<void>;
  stop?(): Promise<void>;
}
