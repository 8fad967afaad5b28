import { styleText } from "node:util";

/** Colour for people only: not in a file, not in a pipe, not for those who set NO_COLOR. */
export function colour(stream: NodeJS.WriteStream, format: Parameters<typeof styleText>[0], text: string): string {
	return stream.isTTY && !process.env.NO_COLOR ? styleText(format, text) : text;
}
