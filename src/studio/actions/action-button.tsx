import type { ReactNode } from 'react';
import { Button, IconButton } from '../ui/button.tsx';
import { shortcutLabel } from './action.ts';
import { action } from './registry.ts';

interface ActionButtonProps {
  readonly id: string;
  readonly tone?: 'plain' | 'primary' | 'quiet';
  readonly disabled?: boolean;
  /** Replaces the action's title; the shortcut stays in the tooltip. */
  readonly children?: ReactNode;
}

export function ActionButton({ id, tone, disabled, children }: ActionButtonProps) {
  const { title, icon, shortcut, perform } = action(id);
  const keys = shortcut === undefined ? undefined : shortcutLabel(shortcut);
  return (
    <Button
      tone={tone}
      icon={icon}
      disabled={disabled}
      title={keys === undefined ? title : `${title}  ${keys}`}
      onClick={() => void perform()}
    >
      {children ?? title}
    </Button>
  );
}

export function ActionIcon({ id, disabled }: { id: string; disabled?: boolean }) {
  const { title, icon, shortcut, perform } = action(id);
  return (
    <IconButton
      icon={icon}
      label={title}
      shortcut={shortcut === undefined ? undefined : shortcutLabel(shortcut)}
      disabled={disabled}
      onClick={() => void perform()}
    />
  );
}
