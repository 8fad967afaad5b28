import type { Milliseconds } from "../../../modules/contracts/host.js";

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** No clock is right that reads less. UTC in milliseconds since 1970: a day before, wherever the image was built. */
export const buildDate = (): Milliseconds => {
	const [month = "", day, year] = compiled().split(/ +/);
	return Date.UTC(Number(year), months.indexOf(month) / 3, Number(day) - 1);
};

/** In build-date.c: "Mmm dd yyyy". This shape, and no other, is what xsc makes a call of C. */
function compiled(this: unknown): string {
	return native("xs_dynreg_build_date").call(this) as string;
}
