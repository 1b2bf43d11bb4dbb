/** QR codes and the barcodes of goods before the camera, read in the browser by ZXing compiled to WebAssembly. Nothing leaves the device. */

import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

const SHELF = 'gate-reader';
const WIDTH = 640;
const PAUSE_MS = 120;
const FORMATS = { qr: ['QRCode'], goods: ['EAN13', 'EAN8', 'UPCA', 'UPCE'] } as const;

let ready: Promise<void> | undefined;

/** Load the reader; it is kept on the device for when there is no network. */
export function prepareReader(): Promise<void> {
  ready ??= fetchReader().then(
    (wasmBinary) => prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true }).then(() => undefined),
    (error: unknown) => {
      ready = undefined;
      throw error;
    },
  );
  return ready;
}

async function fetchReader(): Promise<ArrayBuffer> {
  // Not with the app's other files: a megabyte that only guards need.
  const shelf = await caches.open(SHELF).catch(() => null);
  const kept = await shelf?.match(wasmUrl);
  if (kept) return kept.arrayBuffer();
  const answer = await fetch(wasmUrl);
  if (!answer.ok) throw new Error(String(answer.status));
  for (const old of (await shelf?.keys()) ?? []) await shelf?.delete(old);
  await shelf?.put(wasmUrl, answer.clone());
  return answer.arrayBuffer();
}

/** Show the camera in `video` and tell every code it sees, until the returned function is called. */
export async function watchCamera(video: HTMLVideoElement, codes: keyof typeof FORMATS, tell: (text: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } }, audio: false });
  let isOver = false;
  video.srcObject = stream;
  await video.play().catch(() => undefined);
  await prepareReader();
  void look();
  return () => {
    isOver = true;
    stream.getTracks().forEach((track) => track.stop());
  };

  async function look(): Promise<void> {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { willReadFrequently: true });
    while (!isOver && context) {
      if (video.videoWidth && !document.hidden) {
        canvas.width = Math.min(WIDTH, video.videoWidth);
        canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
        context.drawImage(video, 0, 0, canvas.width, canvas.height);
        const found = await readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), { formats: [...FORMATS[codes]], maxNumberOfSymbols: 1, tryHarder: true }).catch(() => []);
        const text = found[0]?.text;
        if (text && !isOver) tell(text);
      }
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }
}
