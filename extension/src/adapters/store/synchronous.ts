/** The same interface without promises: how the repositories look on the store's own thread. */
export type Synchronous<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...values: infer Values) => Promise<infer Result>
    ? (...values: Values) => Result
    : Synchronous<Port[Name]>;
};
