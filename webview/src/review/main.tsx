import { mountPage } from '../ui/mountPage.tsx';
import './review.css';
import { vscodeHost } from '../bridge/vscodeHost.ts';
import { ReviewPanel } from './panel/reviewPanel.ts';
import { ReviewApp } from './ReviewApp.tsx';

mountPage(<ReviewApp panel={new ReviewPanel(vscodeHost())} />);
