import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly tone?: 'plain' | 'primary' | 'quiet' | 'danger';
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}

export function Button({ tone = 'plain', icon: Icon, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={join(styles.button, styles[tone], className)} {...rest}>
      {Icon && <Icon size={14} aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: LucideIcon;
  /** The accessible name, also shown on hover. */
  readonly label: string;
  readonly shortcut?: string;
  readonly small?: boolean;
}

export function IconButton({
  icon: Icon,
  label,
  shortcut,
  small,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={shortcut === undefined ? label : `${label}  ${shortcut}`}
      className={join(styles.icon, small && styles.small, className)}
      {...rest}
    >
      <Icon size={small ? 13 : 15} aria-hidden />
    </button>
  );
}

export function join(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
