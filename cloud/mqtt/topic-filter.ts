/** Whether a subscription to this filter receives messages on this topic. MQTT 3.1.1 section 4.7. */
export function filterMatches(filter: string, topic: string): boolean {
	const wanted = filter.split("/");
	const given = topic.split("/");
	if (wanted.at(-1) === "#") {
		wanted.pop();
		given.length = Math.min(given.length, wanted.length);
	}
	return wanted.length === given.length && wanted.every((level, index) => level === "+" || level === given[index]);
}
