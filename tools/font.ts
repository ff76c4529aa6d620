/** `npx tsx tools/font.ts`: cuts the page's font out of the variable Inter, to the characters and weights it uses. */
import { writeFileSync } from 'node:fs';
import { FACES, faceBytes, licence, placeOf } from './font/faces.ts';

for (const face of FACES) {
  const bytes = await faceBytes(face);
  writeFileSync(placeOf(face.to), bytes);
  console.log(`${face.to}: ${bytes.length} bytes`);
}
writeFileSync(placeOf('OFL.txt'), licence());
