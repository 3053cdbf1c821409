"""The story that `evercart demo` tells: a cart left on the phone becomes the e-mail that brings it back."""
