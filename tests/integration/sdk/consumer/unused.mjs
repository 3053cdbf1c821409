import { createCart } from "evercart"; // unused: a bundler may leave all of it out
