// Where everything of the plan stands on the screen: areas, marks and labels, in pixels.
import { computed } from 'vue';

import type { Area, Site } from '../api/contract';
import { textIn } from '../domain/language';
import {
  areaBox,
  besideArea,
  besideMark,
  type Box,
  boundsOf,
  fit,
  keptIn,
  markBox,
  outlinePoints,
  outside,
  placeLabels,
  type Point,
  type Projection,
  textEm,
} from '../domain/plan';
import type { Near } from '../domain/receptors';
import type { ScreenSize } from './useScreenSize';
import { useWords } from './useWords';

/** Font size of the names of areas, and height of their line and of the labels of marks, in rem. */
const NAME_REM = 0.85;
const NAME_LINE_REM = 1.15;
const LABEL_REM = { width: 2, height: 0.85 };

/** Radius of a mark: of so many metres, but between these sizes. */
const MARK_M = 22;
const MARK_REM = { min: 0.62, max: 0.95 };
/** The ring of an open warning goes around a mark at this multiple of its radius. */
const RING = 1.3;
/** The arrow of a weather station reaches so many radii to all sides. */
const ARROW = 2.2;
/** With more analyzers their labels would only cover each other: name and state are in the tip. */
const LABELS_MAX = 300;
/** Free space around the park, in rem: wind and north above it, the scale and a button below. */
const MARGIN_REM = { left: 2, right: 2, top: 3.6, bottom: 2.8 };

const NO_BOX: Box = { x: 0, y: 0, width: 0, height: 0 };

/** Free space around the park, in pixels. */
export function marginOf({ rem }: ScreenSize) {
  const { top, right, bottom, left } = MARGIN_REM;
  return { top: top * rem, right: right * rem, bottom: bottom * rem, left: left * rem };
}

function radiusOf({ scale }: Projection, { rem }: ScreenSize): number {
  return Math.max(MARK_REM.min * rem, Math.min(MARK_REM.max * rem, MARK_M * scale));
}

export interface Ground {
  /** Where the map says that things lie; null: the plan fits the park itself. */
  camera: Projection | null;
  near: ReadonlyMap<string, Near>;
  /** The areas that are named; null: all. What is read from far away names only what matters. */
  named: ReadonlySet<string> | null;
}

/** How far each mark reaches at most, in radii. */
function reachesOf({ analyzers, channels }: Site): number[] {
  const winds = new Set(channels.filter(({ quantity }) => quantity === 'wind-direction')
    .map(({ analyzer }) => analyzer));
  return analyzers.map(({ id }) => (winds.has(id) ? ARROW : RING));
}

/** What the marks cover: on a wall those of places without a name are small. */
function coveredBy(
  { analyzers }: Site, spots: readonly Point[], reaches: readonly number[], { named }: Ground,
): Box[] {
  return spots.map((spot, i) => {
    const isSmall = named !== null && !named.has(analyzers[i]?.area ?? '');
    return markBox(spot, (reaches[i] ?? 0) / (isSmall ? 2 : 1));
  });
}

export function usePlanLayout(site: () => Site, size: ScreenSize, ground: () => Ground) {
  const { t, lang } = useWords();

  /** A receptor says how near what happens is. */
  const nameOf = (area: Area) => {
    const name = textIn(area.name, lang.value);
    const near = ground().near.get(area.id);
    if (near !== undefined && ground().named !== null) {
      return `${name} ▲ ${near.metres} m`;
    }
    const word = near === undefined ? t('plan.receptor')
      : t(`map.distance.${near.what}`, { metres: near.metres });
    return area.kind === 'receptor' ? `${name} ▲ ${word}` : name;
  };
  const projection = computed(() => {
    const { top, right, bottom, left } = marginOf(size);
    return ground().camera ?? fit(boundsOf(site()), {
      x: left,
      y: top,
      width: Math.max(size.width - (left + right), 1),
      height: Math.max(size.height - (top + bottom), 1),
    });
  });
  const radius = computed(() => radiusOf(projection.value, size));
  const spots = computed(() =>
    site().analyzers.map((analyzer) => projection.value.at(analyzer.position)),
  );
  const reaches = computed(() => reachesOf(site()).map((reach) => reach * radius.value));
  const areas = computed(() => {
    const drawn = [...outside(size), ...coveredBy(site(), spots.value, reaches.value, ground())];
    const height = NAME_LINE_REM * size.rem;
    const { named } = ground();
    const isNamed = ({ id }: Area) => named === null || named.has(id);
    const boxes = placeLabels(
      site().areas.map((area) => {
        if (!isNamed(area)) {
          return [NO_BOX];
        }
        const width = textEm(nameOf(area)) * NAME_REM * size.rem;
        const box = areaBox(area, projection.value);
        return keptIn(besideArea(box, { width, height }), box, size);
      }),
      drawn,
    );
    return site().areas.map((area, i) => ({
      area,
      points: outlinePoints(area, projection.value),
      label: isNamed(area) ? boxes[i] : undefined,
    }));
  });
  const labels = computed(() => {
    if (spots.value.length > LABELS_MAX) {
      return [];
    }
    const label = {
      width: LABEL_REM.width * size.rem,
      height: LABEL_REM.height * size.rem,
    };
    const names = areas.value.flatMap((area) => area.label ?? []);
    return placeLabels(
      spots.value.map((spot, i) => besideMark(spot, reaches.value[i] ?? 0, label)),
      [...names, ...spots.value.map((spot) => markBox(spot, radius.value))],
    );
  });
  return { projection, radius, spots, areas, labels, nameOf };
}
