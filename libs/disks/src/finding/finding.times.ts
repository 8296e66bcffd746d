/** Whether a time (RFC 3339) has come; null: there is none. */
export const isOver = (time: string | null, at: string): boolean => time !== null && Date.parse(time) <= Date.parse(at);
