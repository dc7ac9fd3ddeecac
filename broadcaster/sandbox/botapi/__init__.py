"""The Bot-API family of wires, as a server sees it: methods, objects, markup, files."""
