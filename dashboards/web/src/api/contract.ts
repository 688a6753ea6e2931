// The words of the contract under short names. The types come from the OpenAPI text
// (`npm run generate`); nothing is described by hand here.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Tier = Schemas['TierView'];
export type Quality = Schemas['QualityView'];
export type Who = Schemas['WhoView'];
export type SignInRequest = Schemas['SignInRequest'];
export type SetupRequest = Schemas['SetupRequest'];
export type Done = Schemas['DoneView'];
export type Text = Schemas['TextView'];
export type Position = Schemas['PositionView'];
export type Rule = Schemas['RuleView'];
export type Area = Schemas['AreaView'];
export type Analyzer = Schemas['AnalyzerView'];
export type Channel = Schemas['ChannelView'];
export type Gas = Schemas['GasView'];
export type Site = Schemas['SiteView'];
export type ChannelValue = Schemas['ChannelValue'];
export type Alarm = Schemas['AlarmView'];
export type AlarmEvent = Schemas['AlarmEventView'];
export type Warning = Schemas['WarningView'];
export type WarningState = Schemas['WarningStateView'];
export type WarningChange = Schemas['WarningChangeView'];
export type WarningEvent = Schemas['WarningEventView'];
export type AcknowledgeRequest = Schemas['AcknowledgeRequest'];
export type Point = Schemas['PointView'];
export type Series = Schemas['SeriesView'];
export type Health = Schemas['HealthView'];
export type AnalyzerHealth = Schemas['AnalyzerHealthView'];
export type Counters = Schemas['CountersView'];
export type Heartbeat = Schemas['HeartbeatView'];
export type Problem = Schemas['Problem'];
export type Rules = Schemas['RulesView'];
export type RunningRule = Schemas['RunningRuleView'];
export type RuleVersion = Schemas['RuleVersionView'];
export type RulesEvent = Schemas['RulesEventView'];
export type RulesHealth = Schemas['RulesHealthView'];
export type Proof = Schemas['ProofView'];
export type Pulse = Schemas['PulseView'];
export type MirrorHealth = Schemas['MirrorHealthView'];
export type CertificateHealth = Schemas['CertificateHealthView'];
export type RulesRefused = Schemas['RulesRefusedView'];
export type ShadowHealth = Schemas['ShadowHealthView'];
export type Correction = Schemas['CorrectionView'];
export type Edge = Schemas['EdgeView'];
export type EdgeGap = Schemas['EdgeGapView'];
