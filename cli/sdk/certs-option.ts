import { textOption } from "../command-line/option.js";

/** Of each command that needs root certificates which no public store has. */
export const certsOption = textOption("FOLDER", "search private root certificates (docs/guides/trust.md) here first", {
	otherwise: "certs/ beside the application, then the library's",
});
