export const label = (text: string, count: number) => `${text}: ${count.toFixed(1)}`
