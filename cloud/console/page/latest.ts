/** The latest events, each once, in their order: memory stays bounded however long the page is open. */

interface Numbered {
	readonly seq: number;
}

/**
 * @param events newest first
 * @param more in any order; events that are there already are left out
 * @returns newest first, at most `limit`
 */
export function mergeLatest<Event extends Numbered>(
	events: readonly Event[],
	more: readonly Event[],
	limit: number,
): readonly Event[] {
	const known = new Set(events.map(({ seq }) => seq));
	const added = more.filter(({ seq }) => !known.has(seq) && known.add(seq));
	if (added.length === 0) return events;
	return [...events, ...added].sort((one, other) => other.seq - one.seq).slice(0, limit);
}
