"""What tests share: the template's resources over moto, signed requests, builders."""
