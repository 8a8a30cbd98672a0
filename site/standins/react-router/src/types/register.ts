/**
 * Augment this with the application's router, and paths, parameters and search are checked everywhere:
 * `declare module '@tanstack/react-router' { interface Register { router: typeof router } }`.
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled by the application
export interface Register {}
