// What a terminal would show: enough of one for the line editor of Node.

/** Lines of text, written through the control sequences that the line editor uses. */
export class Screen {
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  /** The text on the screen, without spaces at the ends of lines. */
  get text(): string {
    return this.#lines.map((line) => line.join('').trimEnd()).join('\n');
  }

  write(output: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
    for (const [piece] of output.matchAll(/\x1b\[([?0-9;]*)([A-Za-z])|[\s\S]/gu)) {
      if (piece === '\r') this.#column = 0;
      else if (piece === '\n') this.#newLine();
      else if (piece.startsWith('\x1b[')) this.#control(piece.slice(2, -1), piece.slice(-1));
      else if (piece >= ' ') this.#put(piece);
    }
  }

  #put(character: string): void {
    const line = this.#lines[this.#row] as string[];
    while (line.length < this.#column) line.push(' ');
    line[this.#column++] = character;
  }

  #newLine(): void {
    this.#row++;
    this.#lines[this.#row] ??= [];
  }

  #control(parameters: string, command: string): void {
    const number = Number.parseInt(parameters, 10);
    const line = this.#lines[this.#row] as string[];
    if (command === 'G') this.#column = (number || 1) - 1;
    else if (command === 'A') this.#row = Math.max(0, this.#row - (number || 1));
    else if (command === 'B') this.#row += number || 1;
    else if (command === 'C') this.#column += number || 1;
    else if (command === 'D') this.#column = Math.max(0, this.#column - (number || 1));
    else if (command === 'K') line.length = Math.min(line.length, this.#column);
    else if (command === 'J') {
      line.length = Math.min(line.length, this.#column);
      this.#lines.length = this.#row + 1;
    }
  }
}
