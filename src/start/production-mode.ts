// Outside of it graphql and express check with every value what only matters to who develops them. They look once, when they
// are loaded: whoever wants it imports this before them.
process.env.NODE_ENV ??= 'production';
