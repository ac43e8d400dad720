import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import './base.css';

/** Shows a page in the element `root` of the host's HTML. */
export function mountPage(page: ReactNode): void {
  const element = document.getElementById('root');
  if (element === null) throw new Error('The page has no element with the id root.');
  createRoot(element).render(page);
}
