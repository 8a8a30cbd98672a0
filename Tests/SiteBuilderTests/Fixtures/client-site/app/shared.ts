export const greet = (name: string) => `Hello ${name}`
export const farewell = (name: string) => `Goodbye ${name}`
