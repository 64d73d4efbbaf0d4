/** What is shown over the BMC's pages while nobody is to see or touch them. */
export interface CoverText {
  /** The machine. */
  readonly title: string;
  /** What is being done, or why there is no console. */
  readonly text: string;
  readonly failed: boolean;
  /** When the work began, for the time that it has taken. ms since the epoch */
  readonly since: number;
}
