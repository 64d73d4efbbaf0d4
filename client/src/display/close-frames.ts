import type Guacamole from 'guacamole-common-js';

/** What a streamed image is drawn on. */
interface Canvas {
  drawImage(x: number, y: number, image: CanvasImageSource): void;
}

/** What the types of guacamole-common-js leave out. */
interface Streaming {
  drawStream(
    layer: Canvas,
    x: number,
    y: number,
    stream: Guacamole.InputStream,
    mimetype: string,
  ): void;
}

/**
 * Lets go of each decoded image (a VideoFrame) as soon as it is drawn. guacamole-common-js leaves that
 * to the garbage collector: the memory is held for long, and Chromium complains of it.
 */
export function closeFrames(display: Guacamole.Display): void {
  const streaming = display as Guacamole.Display & Streaming;
  const draw = streaming.drawStream.bind(streaming);
  streaming.drawStream = (layer, x, y, stream, mimetype) => {
    const closing: Canvas = {
      drawImage(left, top, image) {
        layer.drawImage(left, top, image);
        if ('close' in image) image.close();
      },
    };
    draw(closing, x, y, stream, mimetype);
  };
}
