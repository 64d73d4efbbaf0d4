import type { AuditRecord } from '../../../server/contract/index.ts';
import { formatMoment, withMoments } from '../i18n/times.ts';
import { usePreferences } from '../preferences/preferences-context.tsx';
import { addressOf } from './audit-filter.ts';

/** One entry; a click on its console shows that console's whole story. */
export function AuditRow({ record }: { record: AuditRecord }) {
  const { t, language, timezone } = usePreferences();
  const { at, who, via, from, action, result, machine, console: id, detail } = record;
  const door = t(`door.${via}`);
  return (
    <tr role="row" data-action={action} data-result={result}>
      <td role="cell" class="audit-when">
        <time dateTime={at} title={at}>
          {formatMoment(new Date(at), language, timezone)}
        </time>
      </td>
      <td role="cell">
        <strong>{who ?? (via === 'gateway' ? t('audit.gateway') : t('audit.nobody'))}</strong>
        {via !== 'gateway' && <small>{from === null ? door : `${door} · ${from}`}</small>}
      </td>
      <td role="cell">
        <strong>{t(`action.${action}`)}</strong>
        <small class={result === 'ok' ? undefined : 'audit-refused'} title={result}>
          {result === 'ok' ? t('audit.ok') : t(`error.${result}`)}
        </small>
      </td>
      <td role="cell">
        {machine !== null && <span class="machine-id">{machine}</span>}
        {id !== null && (
          <small>
            <a href={addressOf({ console: id })} title={id}>
              {t('audit.story')}
            </a>
          </small>
        )}
      </td>
      <td role="cell" class="audit-detail">
        {detail !== null && withMoments(detail, language, timezone)}
      </td>
    </tr>
  );
}
