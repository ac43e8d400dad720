;; The inner loops of `resampleInto`, four pixels at a time, with the same results bit for bit. `npm run wasm` compiles
;; this text.
;;
;; A resized row consists of blocks of 48 bytes: the reds, greens and blues of four pixels as 32-bit integers, below 32768.
;; A block of taps has 32 bytes: four offsets of a pixel in its row, and four pairs of 16-bit weights, of that pixel and of
;; its right neighbour.
;;
;; A level of 0…255 becomes a float of 0…1 as level · $coarse + level · $fine. $coarse is 257 / 65536 and $fine is
;; 1 / (255 · 65536): their sum is 1 / 255. The first product is exact, the second is far below the last digit of the sum:
;; for all 256 levels the result rounds as level / 255 does, which takes longer.
(module
  (import "host" "memory" (memory 1))

  ;; OpenCV's horizontal pass, (a · weight + b · weight) >> 4, at most 32640. Reads eight bytes of the
  ;; source at every pixel. $taps and $end are the addresses of the first block of taps and past the last one.
  (func (export "resizeRow")
    (param $taps i32) (param $end i32) (param $source i32) (param $resized i32)
    (local $left v128) (local $right v128) (local $byColour v128) (local $weights v128) (local $redsAndGreens v128)
    ;; Of two times r g b r' g' b' . . : r r' r r', g g' g g', b b' b b'.
    (local.set $byColour (v128.const i32x4 0x0b080300 0x0c090401 0x0d0a0502 0x80808080))
    (loop $blocks
      (local.set $left
        (i8x16.swizzle
          (v128.load64_lane 1
            (i32.add (local.get $source) (i32.load offset=4 (local.get $taps)))
            (v128.load64_zero (i32.add (local.get $source) (i32.load (local.get $taps)))))
          (local.get $byColour)))
      (local.set $right
        (i8x16.swizzle
          (v128.load64_lane 1
            (i32.add (local.get $source) (i32.load offset=12 (local.get $taps)))
            (v128.load64_zero (i32.add (local.get $source) (i32.load offset=8 (local.get $taps)))))
          (local.get $byColour)))
      (local.set $weights (v128.load offset=16 (local.get $taps)))
      (local.set $redsAndGreens
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $left) (local.get $right)))
      (v128.store
        (local.get $resized)
        (i32x4.shr_s
          (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_u (local.get $redsAndGreens)) (local.get $weights))
          (i32.const 4)))
      (v128.store offset=16
        (local.get $resized)
        (i32x4.shr_s
          (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_u (local.get $redsAndGreens)) (local.get $weights))
          (i32.const 4)))
      (v128.store offset=32
        (local.get $resized)
        (i32x4.shr_s
          (i32x4.dot_i16x8_s
            (i16x8.extend_low_i8x16_u
              (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $left) (local.get $right)))
            (local.get $weights))
          (i32.const 4)))
      (local.set $resized (i32.add (local.get $resized) (i32.const 48)))
      (br_if $blocks (i32.lt_u (local.tee $taps (i32.add (local.get $taps) (i32.const 32))) (local.get $end)))))

  ;; OpenCV's vertical pass, ((upper · weight >> 16) + (lower · weight >> 16) + 2) >> 2, of whole blocks into the three planes
  ;; of the tensor. $end is the address past the last red.
  (func (export "blendRows")
    (param $reds i32) (param $greens i32) (param $blues i32) (param $end i32) (param $upper i32)
    (param $lower i32) (param $upperWeight i32) (param $lowerWeight i32)
    (local $upperWeights v128) (local $lowerWeights v128) (local $highHalf v128)
    (local $half v128) (local $coarse v128) (local $fine v128) (local $level v128)
    (local.set $upperWeights (i32x4.splat (local.get $upperWeight)))
    (local.set $lowerWeights (i32x4.splat (local.get $lowerWeight)))
    (local.set $highHalf (i32x4.splat (i32.const -65536)))
    (local.set $half (i32x4.splat (i32.const 131072)))
    (local.set $coarse (v128.const i32x4 0x3b808000 0x3b808000 0x3b808000 0x3b808000))
    (local.set $fine (v128.const i32x4 0x33808081 0x33808081 0x33808081 0x33808081))
    (loop $blocks
      ;; One shift for both, after the sum: the low half of one number is empty, that of the other carries nothing.
      (v128.store
        (local.get $reds)
        (f32x4.add
          (f32x4.mul
            (local.tee $level
              (f32x4.convert_i32x4_s
                (i32x4.shr_s
                  (i32x4.add
                    (i32x4.add
                      (i32x4.dot_i16x8_s (v128.load (local.get $upper)) (local.get $upperWeights))
                      (v128.and
                        (i32x4.dot_i16x8_s (v128.load (local.get $lower)) (local.get $lowerWeights))
                        (local.get $highHalf)))
                    (local.get $half))
                  (i32.const 18))))
            (local.get $coarse))
          (f32x4.mul (local.get $level) (local.get $fine))))
      (v128.store
        (local.get $greens)
        (f32x4.add
          (f32x4.mul
            (local.tee $level
              (f32x4.convert_i32x4_s
                (i32x4.shr_s
                  (i32x4.add
                    (i32x4.add
                      (i32x4.dot_i16x8_s (v128.load offset=16 (local.get $upper)) (local.get $upperWeights))
                      (v128.and
                        (i32x4.dot_i16x8_s (v128.load offset=16 (local.get $lower)) (local.get $lowerWeights))
                        (local.get $highHalf)))
                    (local.get $half))
                  (i32.const 18))))
            (local.get $coarse))
          (f32x4.mul (local.get $level) (local.get $fine))))
      (v128.store
        (local.get $blues)
        (f32x4.add
          (f32x4.mul
            (local.tee $level
              (f32x4.convert_i32x4_s
                (i32x4.shr_s
                  (i32x4.add
                    (i32x4.add
                      (i32x4.dot_i16x8_s (v128.load offset=32 (local.get $upper)) (local.get $upperWeights))
                      (v128.and
                        (i32x4.dot_i16x8_s (v128.load offset=32 (local.get $lower)) (local.get $lowerWeights))
                        (local.get $highHalf)))
                    (local.get $half))
                  (i32.const 18))))
            (local.get $coarse))
          (f32x4.mul (local.get $level) (local.get $fine))))
      (local.set $upper (i32.add (local.get $upper) (i32.const 48)))
      (local.set $lower (i32.add (local.get $lower) (i32.const 48)))
      (local.set $greens (i32.add (local.get $greens) (i32.const 16)))
      (local.set $blues (i32.add (local.get $blues) (i32.const 16)))
      (br_if $blocks (i32.lt_u (local.tee $reds (i32.add (local.get $reds) (i32.const 16))) (local.get $end)))))

  ;; Copies whole blocks of an image that keeps its size into the three planes, as `blendRows` does. Reads four bytes past
  ;; the source row.
  (func (export "copyRow")
    (param $reds i32) (param $greens i32) (param $blues i32) (param $end i32) (param $source i32)
    (local $bytes v128) (local $redLanes v128) (local $greenLanes v128)
    (local $blueLanes v128) (local $coarse v128) (local $fine v128) (local $level v128)
    (local.set $redLanes (v128.const i32x4 0x80808000 0x80808003 0x80808006 0x80808009))
    (local.set $greenLanes (v128.const i32x4 0x80808001 0x80808004 0x80808007 0x8080800a))
    (local.set $blueLanes (v128.const i32x4 0x80808002 0x80808005 0x80808008 0x8080800b))
    (local.set $coarse (v128.const i32x4 0x3b808000 0x3b808000 0x3b808000 0x3b808000))
    (local.set $fine (v128.const i32x4 0x33808081 0x33808081 0x33808081 0x33808081))
    (loop $blocks
      (local.set $bytes (v128.load (local.get $source)))
      (v128.store
        (local.get $reds)
        (f32x4.add
          (f32x4.mul
            (local.tee $level (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes) (local.get $redLanes))))
            (local.get $coarse))
          (f32x4.mul (local.get $level) (local.get $fine))))
      (v128.store
        (local.get $greens)
        (f32x4.add
          (f32x4.mul
            (local.tee $level (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes) (local.get $greenLanes))))
            (local.get $coarse))
          (f32x4.mul (local.get $level) (local.get $fine))))
      (v128.store
        (local.get $blues)
        (f32x4.add
          (f32x4.mul
            (local.tee $level (f32x4.convert_i32x4_s (i8x16.swizzle (local.get $bytes) (local.get $blueLanes))))
            (local.get $coarse))
          (f32x4.mul (local.get $level) (local.get $fine))))
      (local.set $source (i32.add (local.get $source) (i32.const 12)))
      (local.set $greens (i32.add (local.get $greens) (i32.const 16)))
      (local.set $blues (i32.add (local.get $blues) (i32.const 16)))
      (br_if $blocks (i32.lt_u (local.tee $reds (i32.add (local.get $reds) (i32.const 16))) (local.get $end))))))
