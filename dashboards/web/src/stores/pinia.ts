// The one Pinia of the page. The stores are made with it outside of components too: the stream and
// the timers write to them whether a component looks or not.
import { createPinia } from 'pinia';

export const pinia = createPinia();
