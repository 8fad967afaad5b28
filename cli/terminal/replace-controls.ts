/** What boards, servers and applications send must not control the terminal. */
export function replaceControls(text: string): string {
	return text.replace(/\p{Cc}/gu, "\u{fffd}");
}
