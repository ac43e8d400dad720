import type { ReactNode } from 'react';
import { Icon } from '../../ui/Icon.tsx';

interface EmptyStateProps {
  readonly icon: string;
  readonly title: string;
  readonly text: string;
}

/** Shown instead of missing content: why it is missing, and when it appears. */
export function EmptyState({ icon, title, text }: EmptyStateProps): ReactNode {
  return (
    <div className="empty">
      <Icon name={icon} />
      <p className="empty-title">{title}</p>
      <p>{text}</p>
    </div>
  );
}
