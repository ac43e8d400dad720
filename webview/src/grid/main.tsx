import { mountPage } from '../ui/mountPage.tsx';
import './grid.css';
import { vscodeHost } from '../bridge/vscodeHost.ts';
import { GridApp } from './GridApp.tsx';
import { GridPanel } from './panel/gridPanel.ts';

mountPage(<GridApp panel={new GridPanel(vscodeHost())} />);
