// What a dashboard file must be: Grafana's own types, with the options of each panel's plugin.
// A JSON file has the words of an enum, not its members; `Written` is a type as it is in a file.
import type { Dashboard, Panel } from "@grafana/schema";
import type * as Stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as States from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as Table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as Lines from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

export type Written<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends (infer Item)[]
      ? Written<Item>[]
      : { [Key in keyof T]: Written<T[Key]> };

type Source = { type: "prometheus"; uid: "siskin-victoriametrics" } | { type: "influxdb"; uid: "siskin-influxdb" };

interface PromQuery {
  refId: string;
  datasource: Source;
  expr: string;
  legendFormat: string;
  format: "time_series" | "table";
  instant: boolean;
  range: boolean;
}

interface FluxQuery {
  refId: string;
  datasource: Source;
  query: string;
}

type Of<Type extends string, Options, Custom> = Omit<
  Panel,
  "type" | "options" | "targets" | "datasource" | "fieldConfig" | "id" | "gridPos"
> & {
  type: Type;
  id: number;
  gridPos: NonNullable<Panel["gridPos"]>;
  datasource: Source;
  targets: (PromQuery | FluxQuery)[];
  options: Options;
  fieldConfig: { defaults: Field<Custom>; overrides: [] };
};

type Field<Custom> = Omit<NonNullable<Panel["fieldConfig"]>["defaults"], "custom"> & { custom?: Custom };

type Known =
  | Of<"stat", Stat.Options, never>
  | Of<"table", Table.Options, Table.FieldConfig>
  | Of<"timeseries", Lines.Options, Lines.FieldConfig>
  | Of<"state-timeline", States.Options, States.FieldConfig>;

export type File = Written<Omit<Dashboard, "panels"> & { uid: string; title: string; panels: Known[] }>;
