import { type ReactNode, useId, useRef } from 'react';

export interface ConfirmProps {
  readonly label: string;
  /** What the button is called where its label alone would say too little. */
  readonly name?: string;
  readonly question: string;
  readonly yes: string;
  readonly disabled?: boolean;
  readonly danger?: boolean;
  readonly primary?: boolean;
  readonly onYes: () => Promise<void>;
  /** What else is to be decided. */
  readonly children?: ReactNode;
}

/** A button that asks once more, for what touches many records or cannot be taken back. */
export function Confirm({
  label,
  name,
  question,
  yes,
  disabled = false,
  danger = false,
  primary = false,
  onYes,
  children,
}: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const confirm = (): void => {
    dialog.current?.close();
    void onYes();
  };
  return (
    <>
      <button
        type="button"
        className={danger ? 'danger' : primary ? 'primary' : ''}
        aria-label={name}
        disabled={disabled}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} aria-labelledby={id} className="confirm">
        <p id={id}>{question}</p>
        {children}
        <div className="actions">
          <button type="button" className={danger ? 'danger' : 'primary'} onClick={confirm}>
            {yes}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </dialog>
    </>
  );
}
