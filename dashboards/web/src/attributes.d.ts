// HTML attributes that Vue's types do not know yet.
export {};

declare module 'vue' {
  interface HTMLAttributes {
    popover?: 'manual' | 'auto' | undefined;
  }
}
