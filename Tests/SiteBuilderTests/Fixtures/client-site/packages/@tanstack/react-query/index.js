import { useState } from 'react'

export class QueryClient {}
export const useQuery = () => useState('nothing yet')
