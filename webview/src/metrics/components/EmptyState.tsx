import type { ReactNode } from 'react';
import { Icon } from '../../ui/Icon.tsx';

interface EmptyStateProps {
  readonly icon: string;
  readonly title: string;
  readonly text: string;
}

/** Where nothing can be shown yet: why, and when something will be. */
export function EmptyState({ icon, title, text }: EmptyStateProps): ReactNode {
  return (
    <div className="empty">
      <Icon name={icon} />
      <p className="empty-title">{title}</p>
      <p>{text}</p>
    </div>
  );
}
