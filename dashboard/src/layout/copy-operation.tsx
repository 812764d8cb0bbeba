import { Icon } from '../design/icon';
import { useNotify } from '../design/notices';
import { useShownText } from './shown-operation';

export function CopyOperation() {
  const text = useShownText();
  const notify = useNotify();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      notify({ tone: 'good', text: 'The operations of this page are in the clipboard.' });
    } catch {
      notify({ tone: 'bad', text: 'The browser does not let this page write to the clipboard.' });
    }
  };
  return (
    <button type="button" className="quiet" onClick={() => void copy()} title="Copy what this page asks, as GraphQL">
      <Icon name="copy" />
      GraphQL
    </button>
  );
}
