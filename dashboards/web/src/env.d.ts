// What the linter's type checker cannot see by itself. vue-tsc uses the real component types.
declare module '*.vue' {
  import type { DefineComponent } from 'vue';

  const component: DefineComponent;
  export default component;
}
