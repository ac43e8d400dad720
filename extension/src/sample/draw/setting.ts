/**
 * Where a picture was taken: at the inspection station with its fixed lamps, mat and camera (most of them), or by hand
 * on the shop floor, where everything varies.
 */
export type Setting = 'station' | 'shop floor';
