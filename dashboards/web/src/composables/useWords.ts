// Names and moments in the language of the reader, for templates.
import { computed, inject, type InjectionKey, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';

import type { Channel, Tier } from '../api/contract';
import { type Lang, textIn } from '../domain/language';
import { limitText, unitText } from '../domain/numbers';
import type { Park } from '../domain/park';
import { durationText, momentMs, momentText } from '../domain/time';
import { type Named, station } from '../stores/station';
import { view } from '../stores/view';

const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';

/** A chemical formula with its numbers set low: `Cl2` → `Cl₂`. */
function formulaText(formula: string): string {
  return formula.replace(/\d/g, (digit) => SUBSCRIPTS.charAt(Number(digit)));
}

/** The park whose names are spoken, where it is not the running one: the gallery of states. */
export const PARK_KEY: InjectionKey<Ref<Park | null>> = Symbol('park');

export function useWords() {
  const i18n = useI18n();
  const { t } = i18n;
  const park = inject(PARK_KEY, station.park);
  const named = inject<Ref<Named | null>>(PARK_KEY, station.named);
  const lang = computed<Lang>(() => view.lang);
  const offsetS = computed(() => named.value?.site.utc_offset_s ?? 0);

  const gasName = (id: string) => {
    const known = named.value?.gases.get(id);
    return known ? textIn(known.name, lang.value) : id;
  };
  const gasFormula = (id: string) => formulaText(named.value?.gases.get(id)?.formula ?? '');
  const areaName = (id: string) => {
    const area = named.value?.areas.get(id);
    return area ? textIn(area.name, lang.value) : id;
  };
  /** Who is told, by the site's name for them, or by the role. */
  const receiverName = (id: string) => {
    const known = named.value?.site.receivers.find((receiver) => receiver.id === id);
    return known ? textIn(known.name, lang.value) : roleName(id);
  };
  const roleName = (id: string) => (i18n.te(`role.${id}`) ? t(`role.${id}`) : id);
  const quantityName = (channel: Channel) =>
    channel.is_gas ? gasName(channel.quantity) : t(`quantity.${channel.quantity}`);
  const analyzerCode = (id: string) => id.toUpperCase();
  const channelName = (channel: Channel) =>
    `${analyzerCode(channel.analyzer)} ${quantityName(channel)}`;
  const channelNameOf = (id: string) => {
    const channel = named.value?.channels.get(id);
    return channel ? channelName(channel) : id;
  };

  /** What a hold is about: a warning, a channel, or an alarm about equipment. */
  const subjectName = (id: string) => {
    const warning = park.value?.warnings.find((item) => item.id === id);
    return warning
      ? `${gasName(warning.gas)} · ${areaName(warning.area)}`
      : channelNameOf(id);
  };

  const at = (moment: number | string | null | undefined) => {
    const ms = typeof moment === 'number' ? moment : momentMs(moment);
    return ms === null ? '—' : momentText(ms, station.minuteMs.value, offsetS.value);
  };
  const lasting = (ms: number) => durationText(ms, lang.value);
  const quantityText = (value: number, unit: string) => `${limitText(value)} ${unitText(unit)}`;
  /** A protocol in words; as the station spells it where this page does not know it. */
  const protocolName = (protocol: string) =>
    i18n.te(`protocol.${protocol}`) ? t(`protocol.${protocol}`) : protocol;
  const tierName = (tier: Tier) => t(`tier.${tier}`);

  return {
    t,
    lang,
    offsetS,
    gasName,
    gasFormula,
    areaName,
    receiverName,
    roleName,
    quantityName,
    analyzerCode,
    channelName,
    channelNameOf,
    subjectName,
    at,
    lasting,
    quantityText,
    protocolName,
    tierName,
  };
}
