import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const GALLERY = fileURLToPath(new URL('.', import.meta.url));
const COMPONENTS = fileURLToPath(new URL('../components', import.meta.url));

const ASKS = 'asks the station itself; a browser test with a real one shows it';
const FRAME = 'lays out others, which are in the gallery';
/** What need not be in the gallery, and why. A folder ends in a slash. */
const EXCEPTIONS: Record<string, string> = {
  'alarms/': ASKS, 'bureau/': ASKS, 'duty/': ASKS, 'engineer/': ASKS, 'incident/': ASKS,
  'people/': ASKS, 'replay/': ASKS, 'warning/': ASKS, 'map/': 'draws on a canvas of the machine',
  'channels/': ASKS, 'sound/': 'sounds; a browser test listens', 'standing/': ASKS, 'big/': ASKS,
  'CorrectionsSheet.vue': FRAME, 'DrillsSheet.vue': ASKS, 'DutySheet.vue': ASKS,
  'HeldSheet.vue': ASKS, 'IncidentsSheet.vue': ASKS, 'KpisSheet.vue': ASKS,
  'MessagesSheet.vue': ASKS, 'PeopleSheet.vue': ASKS, 'RefusedSheet.vue': ASKS,
  'RulesSheet.vue': FRAME, 'WarningSheet.vue': ASKS, 'OpenSheet.vue': FRAME,
  'SideSheet.vue': FRAME, 'ActDialogs.vue': FRAME, 'PageBanners.vue': FRAME,
  'EquipmentPanel.vue': FRAME, 'WarningPanel.vue': FRAME, 'ValuesTable.vue': FRAME,
  'PageNav.vue': 'follows the session', 'TopBar.vue': FRAME, 'WhoBox.vue': 'follows the session',
  'SheetButtons.vue': 'follows the stores', 'WarningStrip.vue': 'follows the stores',
  'WarningAnnouncer.vue': 'is heard, not seen', 'ParkPlan.vue': 'drawn by browser tests',
  'PlanFrame.vue': 'part of the plan',
  'PlanLegend.vue': 'part of the plan', 'PlanTooltip.vue': 'part of the plan',
  'TrendChart.vue': 'drawn on a canvas', 'TrendPanel.vue': ASKS,
  'DrillForm.vue': ASKS, 'DrillReport.vue': ASKS, 'DrillRow.vue': ASKS,
  'DrillWarning.vue': ASKS, 'DeskRow.vue': ASKS,
  'HandOverDialog.vue': ASKS, 'HandOverRow.vue': ASKS, 'HandOverSummary.vue': ASKS,
  'IncidentClose.vue': ASKS, 'IncidentDetail.vue': ASKS, 'IncidentFigures.vue': ASKS,
  'IncidentRecord.vue': ASKS, 'IncidentReports.vue': ASKS, 'IncidentTasks.vue': ASKS,
  'KpiBars.vue': ASKS, 'BarList.vue': ASKS, 'OwedRow.vue': ASKS, 'ReportDocuments.vue': ASKS,
  'ReportDraft.vue': ASKS, 'ReportFieldRow.vue': ASKS, 'WarningHistory.vue': ASKS,
  'WarningMessages.vue': ASKS,
};

function vueFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.vue')).map((name) => join(folder, name));
}

/** All components that the files draw, also through others. */
function drawnBy(files: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const open = [...files];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const text = readFileSync(file, 'utf8');
    for (const [, path] of text.matchAll(/from '(\.[^']+\.vue)'/g)) {
      const found = join(dirname(file), path ?? '');
      if (!seen.has(found)) {
        seen.add(found);
        open.push(found);
      }
    }
  }
  return seen;
}

const drawn = drawnBy(vueFiles(GALLERY));
const all = vueFiles(COMPONENTS);
const nameOf = (file: string) => relative(COMPONENTS, file);
const isExcepted = (name: string) => Object.keys(EXCEPTIONS).some((one) =>
  (one.endsWith('/') ? name.startsWith(one) : name === one));

it('every component is in the gallery or has a reason not to be', () => {
  const missing = all.filter((file) => !drawn.has(file)).map(nameOf)
    .filter((name) => !isExcepted(name));
  expect(missing).toEqual([]);
});

it('no component that is in the gallery is excepted by name', () => {
  expect(all.filter((file) => drawn.has(file)).map(nameOf).filter((name) => name in EXCEPTIONS))
    .toEqual([]);
});
