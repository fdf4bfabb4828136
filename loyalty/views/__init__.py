"""Pages of cards and visits. A view parses, makes one domain call, renders; the state is always the row's or the address's."""
