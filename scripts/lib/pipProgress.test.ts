import { expect, it } from 'vitest';
import { pipProgress } from './pipProgress.ts';

const start = `$ python -m pip install -r requirements.txt
Collecting torch==2.13.0 (from -r requirements.txt (line 2))
  Downloading https://example.org/packages/torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (29 kB)
Collecting numpy>=1.23.0 (from ultralytics)
  Using cached numpy-2.3.5-cp311-cp311-manylinux_2_27_x86_64.whl.metadata (62 kB)
Collecting numpy>=1.23.0 (from ultralytics)
`;

it('counts what pip found, names what it downloads, and says when it installs', () => {
  expect(pipProgress('$ python -m pip install\n')).toBe('');
  expect(pipProgress(start)).toBe('2 packages found, downloading torch (29 kB)');
  expect(pipProgress('Collecting torch==2.13.0\n')).toBe('1 package found');
  const downloading = `${start}Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (532.1 MB)\n`;
  expect(pipProgress(downloading)).toBe('2 packages found, downloading torch (532.1 MB)');
  expect(pipProgress(`${downloading}Installing collected packages: numpy, torch\n`)).toBe('installing 2 packages');
});
