import { Icon, type IconName } from './icon';

export type Tone = 'good' | 'run' | 'warn' | 'bad' | 'rest';

interface Look {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly text: string;
}

/** One look for each status, wherever it is shown: never by colour alone. */
const looks: Readonly<Record<string, Look>> = {
  READY: { tone: 'good', icon: 'ok', text: 'Ready' },
  WAITING: { tone: 'warn', icon: 'wait', text: 'Waiting' },
  IN_PROCESS: { tone: 'run', icon: 'running', text: 'In process' },
  ERROR: { tone: 'bad', icon: 'bad', text: 'Error' },
  ON_HOLD: { tone: 'rest', icon: 'hold', text: 'On hold' },
  ON_HOLD_WITH_INACTIVITY_TIMEOUT: { tone: 'rest', icon: 'sleep', text: 'Asleep' },
  FINISHED: { tone: 'good', icon: 'ok', text: 'Finished' },
  SUCCESS: { tone: 'good', icon: 'ok', text: 'Success' },
  PARTIAL: { tone: 'warn', icon: 'errors', text: 'Partial' },
  CANCELLED: { tone: 'rest', icon: 'cancel', text: 'Cancelled' },
  INTERRUPTED: { tone: 'warn', icon: 'skip', text: 'Interrupted' },
  BLOCKED: { tone: 'warn', icon: 'hold', text: 'Blocked' },
  COUPLED: { tone: 'good', icon: 'ok', text: 'Coupled' },
  PENDING: { tone: 'run', icon: 'wait', text: 'Pending' },
  CONFLICT: { tone: 'warn', icon: 'conflict', text: 'Conflict' },
  FAILED: { tone: 'bad', icon: 'bad', text: 'Failed' },
  SKIPPED: { tone: 'rest', icon: 'skip', text: 'Skipped' },
  BROKEN: { tone: 'bad', icon: 'broken', text: 'Broken' },
};

export const statusWords = (status: string): string => looks[status]?.text ?? status;

export const toneOf = (status: string): Tone => looks[status]?.tone ?? 'rest';

export function Badge({ status, title }: { readonly status: string; readonly title?: string | null | undefined }) {
  const { tone, icon, text } = looks[status] ?? { tone: 'rest', icon: 'wait', text: status };
  return (
    <span className={`badge tone-${tone}`} title={title ?? undefined} data-status={status}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
