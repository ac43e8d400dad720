import { createRoot } from 'react-dom/client';
import { vscodeHost } from '../bridge/vscodeHost.ts';
import { ReviewPanel } from './panel/reviewPanel.ts';
import { ReviewApp } from './ReviewApp.tsx';
import '../ui/base.css';
import './review.css';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no element with the id root.');
createRoot(root).render(<ReviewApp panel={new ReviewPanel(vscodeHost())} />);
