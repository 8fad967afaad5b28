/** What a chart is drawn on. Lengths are pixels, from the top left; a colour is "#rrggbb". */
export interface Drawing {
	line(points: readonly Point[], colour: string, width: number): void;
	/** @param y of the foot of the letters */
	text(x: number, y: number, text: string, colour: string, anchor: Anchor): void;
}

export type Point = readonly [x: number, y: number];
export type Anchor = "start" | "middle" | "end";
