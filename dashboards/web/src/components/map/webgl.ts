// Whether this machine can draw a map. Without a graphics chip a browser may draw it by the
// processor: that is slow, and is done only where somebody asks for the map.

function context(canvas: HTMLCanvasElement, isStrict: boolean): WebGL2RenderingContext | null {
  try {
    return canvas.getContext('webgl2', { failIfMajorPerformanceCaveat: isStrict });
  } catch {
    return null;
  }
}

/** Renderers that are programs; some browsers offer them without a word of warning. */
const PROGRAMS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function can(isStrict: boolean): boolean {
  const found = context(document.createElement('canvas'), isStrict);
  const info = found?.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = info ? found?.getParameter(info.UNMASKED_RENDERER_WEBGL) : '';
  // A browser has few of them: the one of the question is given back.
  found?.getExtension('WEBGL_lose_context')?.loseContext();
  return found !== null && !(isStrict && PROGRAMS.test(String(name)));
}

let known: 'well' | 'slowly' | 'not' | null = null;

/** Asked once: it does not change while a page is open. */
export function drawsMaps(): 'well' | 'slowly' | 'not' {
  known ??= can(true) ? 'well' : can(false) ? 'slowly' : 'not';
  return known;
}
