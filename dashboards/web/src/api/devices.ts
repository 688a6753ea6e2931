// Calls about devices and what is stored of their channels.
import { act, request } from './client';
import type {
  Buckets, Completeness, Device, DeviceFrame, Gaps, Maintenance, MaintenanceDue,
  MaintenanceRequest, Records,
} from './contract';

const channel = (id: string, what: string) => `/channels/${encodeURIComponent(id)}/${what}`;
const span = (fromMs: number, toMs: number) =>
  `from_ms=${Math.floor(fromMs)}&to_ms=${Math.ceil(toMs)}`;

export const devicesApi = {
  devices: () => request<Device[]>('/devices'),
  frame: (id: string) => request<DeviceFrame>(`/devices/${encodeURIComponent(id)}/registers`),
  due: () => request<MaintenanceDue[]>('/maintenance/due'),
  log: (id: string) => request<Maintenance[]>(channel(id, 'maintenance')),
  maintain: (id: string, body: MaintenanceRequest) =>
    request<Maintenance>(channel(id, 'maintenance'), act('POST', body)),
  buckets: (ids: readonly string[], fromMs: number, toMs: number, stepMs: number) =>
    request<Buckets>(
      `/buckets?channels=${ids.map(encodeURIComponent).join(',')}` +
        `&${span(fromMs, toMs)}&step_ms=${stepMs}`,
    ),
  records: (id: string, fromMs: number, toMs: number, limit: number) =>
    request<Records>(`${channel(id, 'records')}?${span(fromMs, toMs)}&limit=${limit}`),
  gaps: (id: string, fromMs: number, toMs: number, limit: number) =>
    request<Gaps>(`${channel(id, 'gaps')}?${span(fromMs, toMs)}&limit=${limit}`),
  completeness: (id: string, fromMs: number, toMs: number) =>
    request<Completeness>(`${channel(id, 'completeness')}?${span(fromMs, toMs)}`),
};
